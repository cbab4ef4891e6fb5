/** Eviction of a cluster: what is set, and plans to change it. */
export function Evict({ cluster }: { readonly cluster: string }) {
  return <p>Evict {cluster}</p>
}
