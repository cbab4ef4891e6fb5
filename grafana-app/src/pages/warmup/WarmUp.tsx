/** Plan, review, run and watch a warmup of a cluster. */
export function WarmUp({ cluster }: { readonly cluster: string }) {
  return <p>Warm up {cluster}</p>
}
