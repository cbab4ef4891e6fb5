import { LoadingPlaceholder } from '@grafana/ui'
import { Suspense } from 'react'
import { lazyScenes } from '../../components/lazyScenes'
import { Section } from '../../components/Section'
import { ActionFlow } from '../../features/operations/ActionFlow'
import { usePlanInUrl } from '../../features/operations/usePlanInUrl'
import { warmup } from '../../features/warmup/kind'
import { Warmth } from '../../features/warmup/Warmth'

const HitRatio = lazyScenes(() => import('../../features/warmup/HitRatio').then((m) => m.HitRatio))

/** Is it cold, and a plan to warm it. */
export function WarmUp({ cluster }: { readonly cluster: string }) {
  const [planId, setPlanId] = usePlanInUrl()
  // Keyed, so that the form keeps what was filled in when the flow comes first.
  const warmth = (
    <Section key="warmth" title="Is it cold?">
      <Warmth cluster={cluster} />
    </Section>
  )
  const flow = (
    <Section key="flow" title="Warm it up">
      <ActionFlow cluster={cluster} kind={warmup} planId={planId} onPlanId={setPlanId} />
    </Section>
  )
  return (
    <>
      {planId === undefined ? [warmth, flow] : [flow, warmth]}
      <Section title="Over time">
        <Suspense fallback={<LoadingPlaceholder text="Loading charts…" />}>
          <HitRatio cluster={cluster} />
        </Suspense>
      </Section>
    </>
  )
}
