/** The flow of an eviction policy against a fake backend, for tests. */
import { screen } from '@testing-library/react'
import { useState } from 'react'
import { ActionFlow } from '../features/operations/ActionFlow'
import { evictionPolicy } from '../features/eviction/kind'
import { everythingAllowed, fakeBackend } from './backend'
import { renderInApp } from './render'

/** Name of the button that runs `policyPlan`. */
export const RUN = 'Set maxmemory-samples to 10 on 2 nodes of demo'
export const cluster = {
  name: 'demo',
  state: 'ok',
  verdict: 'healthy',
  shards: 1,
  primaries: 1,
  replicas: 1,
  slotsCovered: 16384,
  epoch: 1,
  memory: { usedBytes: 1, maxBytes: 0 },
  operations: [],
}

/** The answers before anything was done. */
const quiet = {
  ...everythingAllowed,
  'GET api/v1/clusters/demo': cluster,
  'GET api/v1/clusters/demo/eviction': {
    cluster: 'demo',
    effective: { policy: 'allkeys-lru', maxmemory: 0, samples: 5 },
    nodes: [],
    drift: [],
    unpersisted: [],
    pressure: {},
    sample: { state: 'none' },
    advice: [],
  },
}

function Flow({ plan }: { readonly plan?: string }) {
  const [planId, setPlanId] = useState(plan)
  return (
    <>
      <ActionFlow cluster="demo" kind={evictionPolicy} planId={planId} onPlanId={setPlanId} />
      <output aria-label="plan in the URL">{planId ?? 'none'}</output>
    </>
  )
}

export const show = (answers: Record<string, unknown>, plan?: string) => {
  const backend = fakeBackend({ ...quiet, ...answers })
  renderInApp(<Flow plan={plan} />)
  return backend
}
export const step = () =>
  screen.getByRole('navigation', { name: 'Steps of the action' }).querySelector('[aria-current=step]')
export const button = (name: string | RegExp) => screen.findByRole('button', { name })
