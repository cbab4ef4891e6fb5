import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { everythingAllowed, exporterDown, fakeBackend } from '../../test/backend'
import { policyPlan } from '../../test/examples'
import { renderInApp } from '../../test/render'
import { Evict } from './Evict'

const MIB = 1024 ** 2
const node = (port: number, part: object = {}) => ({
  id: `id-${port}`,
  instance: `127.0.0.1:${port}`,
  shard: '0cc86b8612345678',
  role: 'primary',
  usedMemory: 32 * MIB,
  maxmemory: 64 * MIB,
  policy: 'allkeys-lru',
  samples: 5,
  ...part,
})
const agreed = {
  cluster: 'demo',
  effective: { policy: 'allkeys-lru', maxmemory: 64 * MIB, samples: 5 },
  nodes: [node(7000), node(7001, { usedMemory: 63 * MIB })],
  drift: [],
  unpersisted: [],
  pressure: {},
  sample: { state: 'none' },
  advice: [],
}
const disagreement = {
  rule: 'nodes-disagree',
  severity: 'warning',
  what: 'Nodes disagree',
  why: 'A failover would change how the cluster evicts.',
  evidence: [],
  confidence: 'high',
  todo: 'Set the value that you want: a plan sets every node.',
  spec: { policy: 'allkeys-lru' },
  nodes: ['127.0.0.1:7002'],
}
const PATH = 'api/v1/clusters/demo/eviction'

const EVICT = '/a/slotwise-clusters-app/clusters/demo/evict'

function show(eviction: unknown, path = EVICT, topology: unknown = { shards: [] }) {
  const backend = fakeBackend({
    ...everythingAllowed,
    'GET api/v1/clusters/demo': { name: 'demo', operations: [] },
    'GET api/v1/clusters/demo/eviction': eviction,
    'GET api/v1/clusters/demo/topology': topology,
    'GET api/v1/plans/p-1': policyPlan,
    [`POST ${PATH}/sample`]: { state: 'running' },
    'POST api/v1/clusters/demo/plans': { ...policyPlan, id: 'p-1' },
  })
  renderInApp(<Evict cluster="demo" />, { path })
  return backend
}
const table = async () =>
  within(await screen.findByRole('table', { name: 'Memory and eviction of each node' }))

test('each node has its pressure in a bar and in words', async () => {
  show(agreed)
  const nodes = await table()
  expect(nodes.getByRole('meter', { name: 'Memory of 127.0.0.1:7000' })).toHaveAttribute(
    'aria-valuetext',
    '32 MiB of 64 MiB (50 %)',
  )
  expect(nodes.getByText('63 MiB of 64 MiB (98.4 %)')).toBeVisible()
  expect(screen.queryByText('Nodes disagree')).toBeNull()
})

test('where nodes disagree it says who, and marks them', async () => {
  const silent = node(7003, { policy: undefined, error: '127.0.0.1:7003: connection refused' })
  const odd = node(7002, { policy: 'noeviction' })
  const values = [
    { value: 'allkeys-lru', nodes: ['127.0.0.1:7000', '127.0.0.1:7001'] },
    { value: 'noeviction', nodes: ['127.0.0.1:7002'] },
  ]
  show({
    ...agreed,
    effective: { maxmemory: 64 * MIB, samples: 5 },
    nodes: [...agreed.nodes, odd, silent],
    drift: [{ parameter: 'policy', values }],
    advice: [disagreement],
  })
  // once: by the advice, with what to do
  expect(await screen.findAllByText('Nodes disagree')).toHaveLength(1)
  const advice = within(screen.getByText('Nodes disagree').closest('li')!)
  expect(
    advice.getByText('maxmemory-policy is allkeys-lru on 2 of 3 nodes, but noeviction on 127.0.0.1:7002.'),
  ).toBeVisible()
  expect(advice.getByRole('button', { name: 'Fill in the form' })).toBeEnabled()
  const nodes = await table()
  expect(nodes.getByRole('row', { name: /7002 .*noeviction differs/ })).toBeVisible()
  expect(nodes.getAllByText('differs')).toHaveLength(1)
  expect(screen.getByText('127.0.0.1:7003: connection refused')).toBeVisible()
})

test('nodes stand in the order of their shards, named as everywhere else, and lead to their pages', async () => {
  const shards = ['0cc86b8612345678', 'ffff000012345678'].map((id) => ({ id, slots: [], nodes: [] }))
  const first = node(7005, { shard: shards[0]!.id, role: 'replica' })
  const second = node(7001, { shard: shards[1]!.id })
  show({ ...agreed, nodes: [second, first, node(7000)] }, EVICT, { shards })
  const rows = async () => (await table()).getAllByRole('row').slice(1)
  await waitFor(async () => expect((await rows())[0]).toHaveTextContent(/^127.0.0.1:7000primary1/))
  expect((await rows())[1]).toHaveTextContent(/^127.0.0.1:7005replica1/)
  expect((await rows())[2]).toHaveTextContent(/^127.0.0.1:7001primary2/)
  expect((await table()).getByRole('link', { name: '127.0.0.1:7005' })).toHaveAttribute(
    'href',
    expect.stringMatching(/nodes\/127.0.0.1(:|%3A)7005\?part=memory$/),
  )
})

test('a node that could not be read is named with its reason', async () => {
  const silent = {
    id: 'x',
    instance: '127.0.0.1:7009',
    shard: 's',
    role: 'replica',
    error: 'no answer in time',
  }
  show({ ...agreed, nodes: [...agreed.nodes, silent] })
  expect(await screen.findByText('127.0.0.1:7009: no answer in time')).toBeVisible()
  const nodes = await table()
  expect(nodes.getByRole('row', { name: /7009 replica s not known not known/ })).toBeVisible()
})

test('an exporter that is gone', async () => {
  show(exporterDown)
  expect(await screen.findByText('The exporter does not answer')).toBeVisible()
  expect(screen.getAllByText('Not known: The exporter does not answer.')).toHaveLength(2)
})

test('a link with a plan goes on where it was, and back leads to the form', async () => {
  show(agreed, '/a/slotwise-clusters-app/clusters/demo/evict?plan=p-1')
  await userEvent.click(await screen.findByRole('button', { name: 'Continue to confirm' }))
  expect(screen.getByLabelText(/^Cluster/)).toHaveFocus()
  await userEvent.click(screen.getByRole('button', { name: 'Plan (done)' }))
  expect(await screen.findByLabelText(/^Samples/)).toHaveValue(10)
})

test('keys are evicted by criteria on the same page, and the way there is in the URL', async () => {
  show(agreed)
  await table()
  await userEvent.click(screen.getByRole('radio', { name: /^By criteria/ }))
  expect(await screen.findByLabelText(/^Keys that match/)).toBeVisible()
  expect(screen.queryByRole('table', { name: 'Memory and eviction of each node' })).toBeNull()
  await userEvent.click(screen.getByRole('radio', { name: /^By policy/ }))
  await table()
})

const lfu = {
  rule: 'lfu-when-skewed',
  severity: 'suggestion',
  what: 'allkeys-lfu would protect the keys that are read most',
  why: 'Few keys get most of the reads.',
  evidence: [{ figure: 'keys used within a minute', value: '9 %', source: 'OBJECT IDLETIME of 9604 keys' }],
  confidence: 'medium',
  todo: 'Try allkeys-lfu.',
  spec: { policy: 'allkeys-lfu', lfuDecayTime: 5, lazyfreeEviction: true },
}

test('an advice has its evidence and its confidence, and fills the form', async () => {
  const backend = show({ ...agreed, advice: [lfu] })
  expect(await screen.findByText(lfu.what)).toBeVisible()
  expect(screen.getByText('medium confidence')).toBeVisible()
  expect(screen.getByText('Suggestion')).toBeVisible()
  await userEvent.click(screen.getByText('Evidence'))
  expect(screen.getByText('keys used within a minute: 9 % (OBJECT IDLETIME of 9604 keys)')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Fill in the form' }))
  expect(await screen.findByLabelText(/^lfu-decay-time/)).toHaveValue('5')
  expect(
    screen.getByText(
      /^Filled in: maxmemory-policy allkeys-lfu, lfu-decay-time 5, lazyfree-lazy-eviction yes/,
    ),
  ).toHaveRole('status')
  expect(screen.getByLabelText(/^Policy/)).toHaveFocus()
  await userEvent.click(screen.getByRole('button', { name: 'Plan' }))
  expect(backend.sent('POST', 'api/v1/clusters/demo/plans')).toEqual([
    { kind: 'eviction-policy', spec: { ...lfu.spec, persist: false, allowEviction: false } },
  ])
})

test('the parameters that are seldom changed are folded away, with what they are now', async () => {
  show({ ...agreed, effective: { ...agreed.effective, tenacity: 10 } })
  expect(screen.queryByLabelText(/^maxmemory-eviction-tenacity/)).toBeNull()
  await userEvent.click(await screen.findByRole('button', { name: 'All parameters' }))
  const tenacity = await screen.findByLabelText(/^maxmemory-eviction-tenacity/)
  expect(tenacity).toHaveAttribute('placeholder', 'Stays 10')
  await userEvent.type(tenacity, '101')
  expect(screen.getByText('A whole number from 0 to 100.')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Plan' })).toBeDisabled()
})

test('a sample is taken when asked for, and drawn', async () => {
  const backend = show(agreed)
  await userEvent.click(await screen.findByRole('button', { name: 'Look at a sample' }))
  expect(backend.sent('POST', `${PATH}/sample`)).toEqual([{}])
})

test('what the sample found is drawn with its age and its margin', async () => {
  const bucket = (from: number, to: number | null, keys: number) => ({ from, to, keys })
  const summary = {
    keys: 9604,
    of: 1_000_000,
    marginPercent: 1,
    withTtl: 0.25,
    meanBytes: 2048,
    ttlSeconds: [bucket(0, 60, 100), bucket(60, null, 300)],
    bytes: [bucket(0, 1024, 1), bucket(1024, null, 3)],
    from: ['b:1'],
    note: 'idle times are left out',
  }
  show({ ...agreed, sample: { state: 'done', ageSeconds: 120, summary } })
  expect(await screen.findByText('of 1,000,000, 2 min ago')).toBeVisible()
  expect(screen.getByText('± 1 points')).toBeVisible()
  expect(screen.getByText('idle times are left out')).toBeVisible()
  const ttl = within(screen.getByRole('region', { name: 'Time to live' }))
  expect(ttl.getByRole('meter', { name: 'Time to live: below 1 min' })).toHaveAttribute(
    'aria-valuetext',
    '25 %',
  )
  expect(ttl.getByText('below 1 min')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Look again' })).toBeEnabled()
  expect(screen.queryByRole('region', { name: 'Idle' })).toBeNull()
})

test('a service that blocks CONFIG is told how to do it there', async () => {
  const blocked = node(7003, { error: 'CONFIG GET: unknown command', todo: 'change its parameter group' })
  show({ ...agreed, nodes: [blocked] })
  expect(
    await screen.findByText(
      '127.0.0.1:7003: CONFIG GET: unknown command. What to do: change its parameter group',
    ),
  ).toBeVisible()
})
