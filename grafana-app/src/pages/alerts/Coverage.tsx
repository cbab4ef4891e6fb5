import { Badge, TextLink, type BadgeColor, type IconName } from '@grafana/ui'
import { CopyText } from '../../components/CopyText'
import { Loaded } from '../../components/states/Loaded'
import { useSort } from '../../components/useSort'
import { runbookOf } from '../../features/alerts/rules'
import { DataTable, type Column } from '../../features/operations/DataTable'
import { counted } from '../../features/operations/text'
import { useRules } from '../../queries/rules'
import { coverageOf, STATES, type Covered } from './coverage'

const BADGES: Readonly<Record<Covered['state'], { text: string; color: BadgeColor; icon: IconName }>> = {
  missing: { text: 'not loaded', color: 'red', icon: 'exclamation-circle' },
  broken: { text: 'does not work', color: 'red', icon: 'exclamation-circle' },
  fires: { text: 'fires', color: 'orange', icon: 'bell' },
  pending: { text: 'about to fire', color: 'orange', icon: 'clock-nine' },
  quiet: { text: 'quiet', color: 'green', icon: 'check' },
  beats: { text: 'fires, as it should', color: 'green', icon: 'check' },
}

const COLUMNS: readonly Column<Covered>[] = [
  { header: 'Rule', value: ({ name }) => name, cell: ({ name }) => name },
  {
    header: 'State',
    value: ({ state }) => STATES.indexOf(state),
    cell: ({ state, error }) => (
      <>
        <Badge {...BADGES[state]} />
        {error !== '' && <div>{error}</div>}
      </>
    ),
  },
  { header: 'Severity', value: ({ severity }) => severity, cell: ({ severity }) => severity },
  { header: 'Fires when', cell: ({ notices }) => <div style={{ minWidth: 220 }}>{notices}</div> },
  {
    header: 'What to do then',
    cell: ({ name }) => (
      <TextLink href={runbookOf(name)!} external inline={false}>
        Runbook
      </TextLink>
    ),
  },
]

const SNIPPET = `# prometheus.yml
rule_files: [slotwise/alerts/rules/*.yml]`

/** Each rule that ships: whether Prometheus has it, and how it stands for this cluster. */
export function Coverage({ cluster }: { readonly cluster: string }) {
  const sort = useSort('')
  const query = useRules()
  return (
    // What is not covered stands above, and says why that is not known.
    <Loaded query={query} what="the rules of Prometheus" quiet brief>
      {(rules) => {
        const covered = coverageOf(cluster, rules)
        const missing = covered.filter(({ state }) => state === 'missing').length
        return (
          <>
            {missing > 0 && (
              <div style={{ marginBottom: 16 }}>
                <p>
                  Prometheus has{' '}
                  {missing === covered.length ? 'none of them' : `${counted(missing, 'rule')} too few`}. Copy
                  alerts/rules of this version of Slotwise to where Prometheus runs, name them in its
                  configuration, and let it read that again.
                </p>
                <CopyText label="Rules in Prometheus’s configuration" text={SNIPPET} />
              </div>
            )}
            <DataTable
              label="Rules that Slotwise ships"
              rows={covered}
              rowKey={({ name }) => name}
              columns={COLUMNS}
              sort={sort}
              maxHeight={800}
            />
          </>
        )
      }}
    </Loaded>
  )
}
