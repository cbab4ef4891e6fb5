import { Section } from '../../components/Section'
import { EvictionState } from '../../features/eviction/EvictionState'
import { evictionPolicy } from '../../features/eviction/kind'
import { ActionFlow } from '../../features/operations/ActionFlow'
import { usePlanInUrl } from '../../features/operations/usePlanInUrl'

/** Policy and limits of every node now, and a plan to change them. */
export function Evict({ cluster }: { readonly cluster: string }) {
  const [planId, setPlanId] = usePlanInUrl()
  // Keyed, so that the form keeps what was filled in when the flow comes first.
  const now = (
    <Section key="now" title="How every node evicts now">
      <EvictionState cluster={cluster} />
    </Section>
  )
  const flow = (
    <Section key="flow" title="Change it">
      <ActionFlow cluster={cluster} kind={evictionPolicy} planId={planId} onPlanId={setPlanId} />
    </Section>
  )
  return planId === undefined ? [now, flow] : [flow, now]
}
