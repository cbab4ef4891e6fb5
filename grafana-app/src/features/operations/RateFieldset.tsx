import type { Rate } from '../../api/contract'
import { RateFields } from './RateFields'

/** The rate in the form of an operation. */
export function RateFieldset(props: { readonly value: Rate; readonly onChange: (rate: Rate) => void }) {
  return (
    <fieldset>
      <legend style={{ fontSize: 'inherit', marginBottom: 4 }}>
        How fast, over the whole cluster; it can be changed while it runs
      </legend>
      <RateFields {...props} />
    </fieldset>
  )
}
