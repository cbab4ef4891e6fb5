import { Stack } from '@grafana/ui'
import { EvictionState } from '../../features/eviction/EvictionState'
import { evictionPolicy } from '../../features/eviction/kind'
import { ActionFlow } from '../../features/operations/ActionFlow'
import { usePlanInUrl } from '../../features/operations/usePlanInUrl'

/** Policy and limits of every node now, and a plan to change them. */
export function Evict({ cluster }: { readonly cluster: string }) {
  const [planId, setPlanId] = usePlanInUrl()
  // Keyed, so that the flow keeps its state when it comes first.
  const now = (
    <section key="now" aria-label="Now">
      <h2>Now</h2>
      <EvictionState cluster={cluster} />
    </section>
  )
  const flow = (
    <section key="flow" aria-label="Change it">
      <h2>Change it</h2>
      <ActionFlow cluster={cluster} kind={evictionPolicy} planId={planId} onPlanId={setPlanId} />
    </section>
  )
  return (
    <Stack direction="column" gap={4}>
      {planId === undefined ? [now, flow] : [flow, now]}
    </Stack>
  )
}
