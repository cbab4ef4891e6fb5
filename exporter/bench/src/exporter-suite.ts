import { findPeers } from './programs.js'
import { benchRealCluster } from './real-cluster.js'
import { benchSimulated } from './simulated.js'
import type { Suite } from './suite.js'

export const exporterSuite: Suite = {
  name: 'exporter',
  description: 'what a scrape costs, beside redis_exporter on the same nodes and on simulated fleets',
  async *run(options) {
    const peers = findPeers()
    if (peers.length === 0)
      options.say('no redis_exporter on PATH, in the set-up or in REDIS_EXPORTER: nothing to compare with')
    yield await benchRealCluster(options, peers)
    for (const size of options.simulated) yield await benchSimulated(options, size, peers)
  },
}
