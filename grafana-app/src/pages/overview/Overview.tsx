export function Overview({ cluster }: { readonly cluster: string }) {
  return <p>{cluster}</p>
}
