import { useCallback } from 'react'
import { useSearchParams } from 'react-router-dom'

/** A value that stands in the URL's query, so that a link shows the same; an empty one is left out. */
export function useUrlState(name: string, standard = ''): [value: string, set: (value: string) => void] {
  const [parameters, setParameters] = useSearchParams()
  const set = useCallback(
    (value: string) => {
      setParameters(
        (before) => {
          const after = new URLSearchParams(before)
          if (value === standard) after.delete(name)
          else after.set(name, value)
          return after
        },
        { replace: true },
      )
    },
    [name, standard, setParameters],
  )
  return [parameters.get(name) ?? standard, set]
}
