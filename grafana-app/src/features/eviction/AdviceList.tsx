import { Badge, Button, Card, Stack, Text } from '@grafana/ui'
import type { Advice, Eviction } from '../../api/contract'
import { useEviction } from '../../api/hooks'
import { Loaded } from '../../components/states/Loaded'
import { Lines } from '../operations/Lines'
import { DISAGREE, sayDrift } from './limits'

const SEVERITIES = {
  warning: { text: 'Warning', color: 'orange' },
  suggestion: { text: 'Suggestion', color: 'blue' },
  information: { text: 'For information', color: 'darkgrey' },
} as const

interface Props {
  readonly cluster: string
  /** Fills the form with what an advice suggests. */
  readonly onUse: (spec: Record<string, unknown>) => void
}

/** What the policy should be and why, warnings first. */
export function AdviceList({ cluster, onUse }: Props) {
  const query = useEviction(cluster)
  return (
    <Loaded query={query} what="every node">
      {({ advice, drift }) =>
        advice.length === 0 ? (
          <Text color="secondary">
            Nothing to mend is known. Rates need some minutes, and how keys are used needs a sample.
          </Text>
        ) : (
          <ul style={{ listStyle: 'none' }}>
            {advice.map((one) => (
              <li key={one.rule}>
                <One advice={one} drift={one.rule === DISAGREE ? drift : []} onUse={onUse} />
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}

interface OneProps {
  readonly advice: Advice
  /** What it is about, where nodes disagree. */
  readonly drift: Eviction['drift']
  readonly onUse: Props['onUse']
}

function One({ advice, drift, onUse }: OneProps) {
  const { severity, what, why, evidence, confidence, todo, spec, nodes } = advice
  return (
    <Card noMargin style={{ marginBottom: 8 }}>
      <Card.Heading>{what}</Card.Heading>
      <Card.Description>
        <Stack gap={1} wrap="wrap">
          <Badge {...SEVERITIES[severity]} />
          <Badge text={`${confidence} confidence`} color="darkgrey" />
        </Stack>
        {drift.length > 0 && <Lines lines={sayDrift(drift)} />}
        <p>{why}</p>
        <p>{todo}</p>
        <details>
          <summary>Evidence</summary>
          <Lines lines={evidence.map(({ figure, value, source }) => `${figure}: ${value} (${source})`)} />
          {nodes && <p>On {nodes.join(', ')}</p>}
        </details>
      </Card.Description>
      {spec && (
        <Card.Actions>
          <Button size="sm" variant="secondary" icon="pen" onClick={() => onUse(spec)}>
            Fill in the form
          </Button>
        </Card.Actions>
      )}
    </Card>
  )
}
