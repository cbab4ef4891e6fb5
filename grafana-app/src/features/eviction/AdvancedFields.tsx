import { Combobox, Field, Stack } from '@grafana/ui'
import { useId } from 'react'
import type { EvictionValues } from '../../api/contract'
import { NumberField } from '../operations/DraftFields'
import { sayAny } from './limits'
import { NUMBERS, PARAMETERS, SWITCHES, type NumberField as NumberName, type SwitchField } from './parameters'
import type { Checked, Draft, Switch } from './spec'

interface Props {
  readonly draft: Draft
  readonly errors: Checked['errors']
  /** What all nodes have now. */
  readonly now: EvictionValues | undefined
  readonly set: (part: Partial<Draft>) => void
}

const numbers = (Object.keys(NUMBERS) as NumberName[]).filter((name) => name !== 'samples')
const switches = Object.keys(SWITCHES) as SwitchField[]
const CHOICES: { label: string; value: Switch }[] = [
  { label: 'Stays as it is', value: '' },
  { label: 'yes', value: 'yes' },
  { label: 'no', value: 'no' },
]

/** What is seldom changed: how hard evictions try, the counters of LFU, what is freed aside. */
export function AdvancedFields({ now, ...fields }: Props) {
  const { draft, set } = fields
  const id = useId()
  const stays = (name: keyof typeof PARAMETERS) => {
    const value = now?.[name]
    return value === undefined ? 'Stays as it is' : `Stays ${sayAny(PARAMETERS[name], value)}`
  }
  return (
    <Stack direction="column" gap={2}>
      <Stack wrap="wrap" gap={2}>
        {numbers.map((name) => (
          <NumberField
            key={name}
            {...fields}
            name={name}
            label={PARAMETERS[name]}
            description={NUMBERS[name].help}
            placeholder={stays(name)}
          />
        ))}
        <NumberField
          {...fields}
          name="maxmemoryClients"
          label={PARAMETERS.maxmemoryClients}
          description="limit of all clients’ buffers together: 512mb, or 5% of maxmemory; 0: none"
          placeholder={stays('maxmemoryClients')}
        />
      </Stack>
      <Stack wrap="wrap" gap={2}>
        {switches.map((name) => (
          <Field
            key={name}
            noMargin
            label={PARAMETERS[name]}
            htmlFor={`${id}${name}`}
            description={SWITCHES[name]}
          >
            <Combobox
              id={`${id}${name}`}
              width={24}
              options={CHOICES.map((choice) =>
                choice.value === '' ? { ...choice, label: stays(name) } : choice,
              )}
              value={draft[name]}
              onChange={({ value }) => set({ [name]: value })}
            />
          </Field>
        ))}
      </Stack>
    </Stack>
  )
}
