import { describe, expect, it } from 'vitest'
import { openapi } from '../../contract/openapi.js'
import { controlOptions } from '../../../test/fakes.js'
import { controlApp } from './app.js'

interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, unknown> }
}
interface Operation {
  readonly operationId: string
  readonly parameters: { readonly name: string; readonly in: string }[]
  readonly responses: Record<string, unknown>
}
type Layers = { route?: { path: string; methods: Record<string, boolean> }; handle: { stack?: Layers } }[]

const document = openapi('0.0.0') as unknown as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

/** What express has on its router, as OpenAPI writes it. */
function routes(): string[] {
  const { app } = controlApp(controlOptions())
  const { stack } = app.router as unknown as { stack: Layers }
  return stack
    .flatMap((layer) => layer.handle.stack ?? [layer])
    .flatMap(({ route }) =>
      route === undefined
        ? []
        : Object.keys(route.methods)
            .filter((method) => method !== '_all' && Object.keys(route.methods).length === 1)
            .map((method) => `${method} ${route.path.replace(/:(\w+)/g, '{$1}')}`),
    )
}

describe('the OpenAPI document', () => {
  it('has every route, and every route is in it', () => {
    expect(new Set(routes())).toEqual(new Set(operations.map(({ path, method }) => `${method} ${path}`)))
  })

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, target]) => target,
    )
    const there = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
    expect(there).toEqual(expect.arrayContaining([...new Set(references)]))
  })

  it.each(operations)('$method $path names its parameters and problems', ({ path, operation }) => {
    const named = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
    expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '403', '429', '500']))
  })

  it('has each operation id once', () => {
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
  })
})
