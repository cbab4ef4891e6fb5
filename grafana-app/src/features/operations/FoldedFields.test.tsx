import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { FoldedFields } from './FoldedFields'

const fields = (wrong: boolean) => (
  <FoldedFields label="Limits" wrong={wrong}>
    <input aria-label="Stop after" />
  </FoldedFields>
)

test('what is wrong in folded fields is said until they are unfolded', async () => {
  const user = userEvent.setup()
  const { rerender } = render(fields(false))
  expect(screen.queryByRole('textbox', { name: 'Stop after' })).toBeNull()
  expect(screen.queryByRole('alert')).toBeNull()
  rerender(fields(true))
  const said = { name: 'Something under “Limits” can’t be sent as it is' }
  expect(screen.getByRole('alert', said)).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Limits' }))
  expect(screen.getByRole('textbox', { name: 'Stop after' })).toBeVisible()
  expect(screen.queryByRole('alert', said)).toBeNull()
})
