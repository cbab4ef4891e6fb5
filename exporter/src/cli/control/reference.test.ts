import { format, resolveConfig } from 'prettier'
import { expect, it } from 'vitest'
import { openapi } from '../../contract/openapi.js'
import { version } from '../version.js'

it('docs/openapi.json is what the endpoints say; npx vitest run reference -u writes it anew', async () => {
  const options = await resolveConfig(import.meta.filename)
  const text = await format(JSON.stringify(openapi(version)), { ...options, parser: 'json' })
  await expect(text).toMatchFileSnapshot('../../../../docs/openapi.json')
})
