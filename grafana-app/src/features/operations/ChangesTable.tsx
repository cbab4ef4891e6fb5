import { Stack } from '@grafana/ui'
import type { Change } from '../../api/contract'
import { groupChanges, type SayValue } from './changes'
import { DataTable } from './DataTable'
import { Lines } from './Lines'
import { counted, short } from './text'

interface Props {
  readonly changes: readonly Change[]
  readonly say: SayValue
}

/** What changes on which node, and the same in one line a parameter. */
export function ChangesTable({ changes, say }: Props) {
  return (
    <Stack direction="column" gap={1}>
      <Lines
        lines={groupChanges(changes).map(({ parameter, from, to, nodes }) => (
          <>
            <strong>{parameter}</strong>: {say(parameter, from)} → {say(parameter, to)} on{' '}
            {counted(nodes, 'node')}
          </>
        ))}
      />
      <DataTable
        label="Changes on each node"
        rows={changes}
        rowKey={({ node, parameter }) => `${node} ${parameter}`}
        columns={[
          { header: 'Node', cell: ({ node }) => node },
          { header: 'Role', cell: ({ role }) => role },
          { header: 'Shard', cell: ({ shard }) => short(shard) },
          { header: 'Parameter', cell: ({ parameter }) => parameter },
          { header: 'From', cell: ({ parameter, from }) => say(parameter, from) },
          { header: 'To', cell: ({ parameter, to }) => <strong>{say(parameter, to)}</strong> },
        ]}
      />
    </Stack>
  )
}
