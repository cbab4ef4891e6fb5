/** One operation: progress, commands, result, timeline. */
export function OperationPage({ id }: { readonly id: string }) {
  return <p>Operation {id}</p>
}
