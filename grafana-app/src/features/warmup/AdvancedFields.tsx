import { Alert, Checkbox, Stack } from '@grafana/ui'
import { NumberField } from '../operations/DraftFields'
import type { FieldsProps } from './SelectFields'

/** What becomes of TTLs and of keys that are there already, when to stop, how much to compare. */
export function AdvancedFields(fields: FieldsProps) {
  const { draft, set } = fields
  return (
    <Stack direction="column" gap={2}>
      <Stack wrap="wrap" gap={2}>
        <NumberField
          {...fields}
          name="jitterPercent"
          label="Spread TTLs by up to"
          description="So that keys do not all expire together."
          suffix="%"
        />
        <NumberField
          {...fields}
          name="maxTtlSeconds"
          label="Longest TTL"
          description="Longer ones, and none, become this."
          suffix="s"
          placeholder="as in the source"
        />
        <NumberField
          {...fields}
          name="limitKeys"
          label="Stop after"
          description="So many keys were written."
          suffix="keys"
          placeholder="all"
        />
        <NumberField
          {...fields}
          name="limitMiB"
          label="Stop after the data of"
          description="So much was written."
          suffix="MiB"
          placeholder="all"
        />
        <NumberField
          {...fields}
          name="memoryPercent"
          label="Fill memory to at most"
          description="Of maxmemory, on every target node. Then it waits."
          suffix="%"
        />
        <NumberField
          {...fields}
          name="sample"
          label="Compare at the end"
          description="So many keys, by type, value and TTL. 0: none."
          suffix="keys"
        />
      </Stack>
      <div>
        <Checkbox
          label="Overwrite keys that are there already (dangerous)"
          description="Without it they stay as they are."
          value={draft.conflict === 'replace'}
          onChange={({ currentTarget }) => set({ conflict: currentTarget.checked ? 'replace' : 'skip' })}
        />
      </div>
      {draft.conflict === 'replace' && (
        <Alert severity="warning" title="What is overwritten is gone">
          Where the cluster takes writes, its values are newer than those of the source.
        </Alert>
      )}
      <div>
        <Checkbox
          label="Trust the source’s values (advanced)"
          description="RESTORE reads binary data, and some versions have known faults in it. Without this, such versions get every value written type by type: slower, and safe."
          value={draft.restore === 'trusted'}
          onChange={({ currentTarget }) => set({ restore: currentTarget.checked ? 'trusted' : 'safe' })}
        />
      </div>
    </Stack>
  )
}
