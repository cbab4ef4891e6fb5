import { Section } from '../../components/Section'
import { evictKeys } from '../../features/evict-keys/kind'
import { ActionFlow } from '../../features/operations/ActionFlow'
import { usePlanInUrl } from '../../features/operations/usePlanInUrl'

/** Unlinks keys by criteria. */
export function EvictKeys({ cluster }: { readonly cluster: string }) {
  const [planId, setPlanId] = usePlanInUrl()
  return (
    <Section title="Evict keys">
      <ActionFlow cluster={cluster} kind={evictKeys} planId={planId} onPlanId={setPlanId} />
    </Section>
  )
}
