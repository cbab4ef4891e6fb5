export interface ClusterPanelOptions {
  /** Name of the cluster, or a variable. */
  readonly cluster: string
}
