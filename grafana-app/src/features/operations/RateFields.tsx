import { Field, Input, RadioButtonGroup, Stack } from '@grafana/ui'
import { useId } from 'react'
import type { Rate } from '../../api/contract'
import { isRate } from './rate'
import { count } from './text'

const MIB = 1024 ** 2

const PRESETS = [
  { label: 'Gentle', value: { keysPerSecond: 1000, bytesPerSecond: 5 * MIB } },
  { label: 'Normal', value: { keysPerSecond: 10_000, bytesPerSecond: 50 * MIB } },
  { label: 'Fast', value: { keysPerSecond: 100_000, bytesPerSecond: 500 * MIB } },
] as const

export const NORMAL: Rate = PRESETS[1].value

interface Props {
  readonly value: Rate
  readonly onChange: (rate: Rate) => void
  readonly disabled?: boolean
  /** What an empty figure means. */
  readonly empty?: string
}

/** A rate: one of three presets, or figures of one's own. */
export function RateFields({ value, onChange, disabled = false, empty = 'no limit' }: Props) {
  const id = useId()
  const preset = PRESETS.findIndex(
    ({ value: { keysPerSecond, bytesPerSecond } }) =>
      keysPerSecond === value.keysPerSecond && bytesPerSecond === value.bytesPerSecond,
  )
  return (
    <Stack direction="column" gap={1}>
      <div>
        <RadioButtonGroup
          aria-label="Rate"
          disabled={disabled}
          value={preset}
          onChange={(index) => {
            const chosen = PRESETS[index]
            if (chosen) onChange(chosen.value)
          }}
          options={[
            ...PRESETS.map(({ label, value: { keysPerSecond } }, index) => ({
              label,
              value: index,
              description: `${count(keysPerSecond)} keys/s`,
            })),
            // It is chosen by typing figures; as a button it would do nothing.
            ...(preset === -1 ? [{ label: 'Custom', value: -1, description: 'Figures of your own' }] : []),
          ]}
        />
      </div>
      <Stack wrap="wrap">
        <Field
          noMargin
          label="Keys a second"
          htmlFor={`${id}keys`}
          invalid={!isRate({ keysPerSecond: value.keysPerSecond })}
          error={`1 or more; empty: ${empty}.`}
        >
          <Input
            id={`${id}keys`}
            type="number"
            min={1}
            step={1}
            width={20}
            suffix="keys/s"
            placeholder={empty}
            disabled={disabled}
            value={value.keysPerSecond ?? ''}
            onChange={({ currentTarget }) =>
              onChange({ ...value, keysPerSecond: typed(currentTarget.value, 1) })
            }
          />
        </Field>
        <Field
          noMargin
          label="Data a second"
          htmlFor={`${id}bytes`}
          invalid={!isRate({ bytesPerSecond: value.bytesPerSecond })}
          error={`More than 0; empty: ${empty}.`}
        >
          <Input
            id={`${id}bytes`}
            type="number"
            min={0.001}
            step="any"
            width={20}
            suffix="MiB/s"
            placeholder={empty}
            disabled={disabled}
            value={value.bytesPerSecond === undefined ? '' : value.bytesPerSecond / MIB}
            onChange={({ currentTarget }) =>
              onChange({ ...value, bytesPerSecond: typed(currentTarget.value, MIB) })
            }
          />
        </Field>
      </Stack>
    </Stack>
  )
}

/** What was typed, right or wrong: isRate() tells. */
const typed = (text: string, unit: number) => (text === '' ? undefined : Math.round(Number(text) * unit))
