import { RadioButtonGroup } from '@grafana/ui'
import { useSearchParams } from 'react-router-dom'
import { useState } from 'react'
import { Section } from '../../components/Section'
import { AdviceList } from '../../features/eviction/AdviceList'
import { EvictionState } from '../../features/eviction/EvictionState'
import { KeySample } from '../../features/eviction/KeySample'
import { evictionPolicy } from '../../features/eviction/kind'
import { saySpec } from '../../features/eviction/limits'
import { ActionFlow } from '../../features/operations/ActionFlow'
import { usePlanInUrl } from '../../features/operations/usePlanInUrl'
import { EvictKeys } from './EvictKeys'

const WAYS = [
  { value: 'policy', label: 'By policy', description: 'What a full node evicts by itself' },
  { value: 'keys', label: 'By criteria', description: 'Unlink keys by pattern, idle time, size, …' },
] as const

/** Two ways to evict: let the nodes do it by their policy, or unlink keys now. */
export function Evict({ cluster }: { readonly cluster: string }) {
  const [parameters, setParameters] = useSearchParams()
  const way = parameters.get('by') === 'keys' ? 'keys' : 'policy'
  return (
    <>
      <div style={{ marginBottom: 16 }}>
        <RadioButtonGroup
          aria-label="What to evict by"
          options={[...WAYS]}
          value={way}
          onChange={(chosen) =>
            setParameters((before) => {
              const after = new URLSearchParams(before)
              // A plan is of one of the two.
              after.delete('plan')
              if (chosen === 'keys') after.set('by', chosen)
              else after.delete('by')
              return after
            })
          }
        />
      </div>
      {way === 'keys' ? <EvictKeys cluster={cluster} /> : <Policy cluster={cluster} />}
    </>
  )
}

/** Policy and limits of every node now, and a plan to change them. */
function Policy({ cluster }: { readonly cluster: string }) {
  const [planId, setPlanId] = usePlanInUrl()
  const [suggested, setSuggested] = useState<{ spec?: Record<string, unknown>; count: number }>({ count: 0 })
  const said =
    planId === undefined && suggested.spec !== undefined
      ? `Filled in: ${saySpec(suggested.spec)}. Nothing is set before you plan and run it.`
      : ''
  // Keyed, so that the form keeps what was filled in when the flow comes first.
  const now = (
    <Section key="now" title="How every node evicts now">
      <EvictionState cluster={cluster} advised />
    </Section>
  )
  const flow = (
    <Section key="flow" title="Change it">
      <p role="status">{said}</p>
      <ActionFlow
        key={suggested.count}
        cluster={cluster}
        kind={evictionPolicy}
        planId={planId}
        onPlanId={setPlanId}
        suggested={suggested.spec}
      />
    </Section>
  )
  const advice = (
    <Section key="advice" title="Advice">
      <AdviceList
        cluster={cluster}
        onUse={(spec) => {
          setSuggested(({ count }) => ({ spec, count: count + 1 }))
          setPlanId(undefined)
        }}
      />
    </Section>
  )
  const keys = (
    <Section key="keys" title="How keys are used">
      <KeySample cluster={cluster} />
    </Section>
  )
  return planId === undefined ? [advice, now, flow, keys] : [flow, now, advice, keys]
}
