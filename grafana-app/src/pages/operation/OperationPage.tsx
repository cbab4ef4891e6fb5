import { Button, ClipboardButton, LinkButton, Stack } from '@grafana/ui'
import { paths } from '../../app/paths'
import type { Operation, Plan } from '../../api/contract'
import { useOperation, usePlan } from '../../api/hooks'
import { useStreamState } from '../../api/useEventStream'
import { LiveState } from '../../components/LiveState'
import { Section } from '../../components/Section'
import { Loaded } from '../../components/states/Loaded'
import { Time } from '../../components/Time'
import { nameActor } from '../../features/events/sentences'
import { OperationView } from '../../features/operations/OperationView'
import { short } from '../../features/operations/text'
import { exportJson } from './exportJson'
import { operationKind } from './kinds'
import { PlanOf } from './PlanOf'
import { Timeline } from './Timeline'
import { Page } from '../../features/operations/Page'

/** One operation: who and why, progress, commands, proof, what was planned, timeline. */
export function OperationPage({ id }: { readonly id: string }) {
  const query = useOperation(id)
  const plan = usePlan(id)
  const title = query.data ? `${operationKind(query.data.kind).noun} of ${query.data.cluster}` : 'Operation'
  return (
    <Page
      pageNav={{
        text: title.charAt(0).toUpperCase() + title.slice(1),
        parentItem: { text: 'Operations', url: paths.operations },
      }}
      subTitle={`Operation ${short(id)}`}
    >
      {/* Its own note says that it is stale: OperationView knows when it should have been read. */}
      <Loaded query={query} what="the operation" quiet>
        {(operation) => (
          <>
            <Section title="Who and why" actions={<Tools operation={operation} plan={plan.data} />}>
              <WhoAndWhy operation={operation} />
            </Section>
            <Section title="How it goes">
              <OperationView
                operation={operation}
                readAtMs={query.dataUpdatedAt}
                error={query.error}
                kind={operationKind(operation.kind)}
              />
            </Section>
            <Section title="What was planned">
              <Loaded query={plan} what="the plan" quiet={query.error !== null}>
                {(data) => <PlanOf plan={data} />}
              </Loaded>
            </Section>
            <Section title="Timeline">
              <Timeline id={id} />
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function WhoAndWhy({ operation: { by, reason, startedAt, endedAt } }: { readonly operation: Operation }) {
  return (
    <>
      <p>
        <strong>{reason === '' ? 'No reason was given.' : reason}</strong>
      </p>
      <p>
        Run by {nameActor(by)}, begun <Time at={startedAt} />
        {endedAt !== undefined && (
          <>
            , ended <Time at={endedAt} />
          </>
        )}
        .
      </p>
    </>
  )
}

interface ToolsProps {
  readonly operation: Operation
  readonly plan: Plan | undefined
}

function Tools({ operation, plan }: ToolsProps) {
  const { id, cluster } = operation
  return (
    <Stack wrap="wrap" alignItems="center">
      <LiveState state={useStreamState()} />
      <LinkButton href={paths.cluster(cluster)} variant="secondary" size="sm" icon="heart-rate">
        Overview of {cluster}
      </LinkButton>
      <ClipboardButton variant="secondary" size="sm" icon="link" getText={() => window.location.href}>
        Copy link
      </ClipboardButton>
      <Button
        variant="secondary"
        size="sm"
        icon="download-alt"
        onClick={() => exportJson(`operation-${id}.json`, { operation, plan })}
      >
        Export as JSON
      </Button>
    </Stack>
  )
}
