import { Alert } from '@grafana/ui'
import type { Plan } from '../../api/contract'
import { rateOf, sayRate } from './rate'

/** How fast a plan may go, before it is run; nothing for what has no rate. */
export function RateNote({ plan }: { readonly plan: Pick<Plan, 'spec'> }) {
  const rate = rateOf(plan)
  if (!rate) return null
  const said = sayRate(rate)
  return said === '' ? (
    <Alert severity="warning" title="No limit: it goes as fast as the nodes answer">
      Clients may feel that. Change the plan to give it a rate.
    </Alert>
  ) : (
    <div>At most {said}; it can be changed while it runs.</div>
  )
}
