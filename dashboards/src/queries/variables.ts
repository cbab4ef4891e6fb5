/** Where the dashboard's variables take their values from. */
import { ofCluster } from './selectors.js'

export const clusters = 'label_values(redis_up{redis_cluster!=""}, redis_cluster)'
export const instances = `label_values(redis_up{${ofCluster}}, instance)`
