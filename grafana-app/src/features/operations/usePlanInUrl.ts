import { useSearchParams } from 'react-router-dom'

/** The plan that `?plan=` names: a reload, or the link in a colleague's hands, goes on where it was. */
export function usePlanInUrl(): [planId: string | undefined, setPlanId: (id: string | undefined) => void] {
  const [parameters, setParameters] = useSearchParams()
  return [
    parameters.get('plan') ?? undefined,
    (id) =>
      setParameters((before) => {
        const after = new URLSearchParams(before)
        if (id === undefined) after.delete('plan')
        else after.set('plan', id)
        return after
      }),
  ]
}
