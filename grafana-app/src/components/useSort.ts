import { useCallback } from 'react'
import { useSearchParams } from 'react-router-dom'

/**
 * By what a table is ordered, in the URL's `sort`: `Memory`, or `-Memory` for the other way round.
 * @param standard what it is without it; that is left out of the URL
 */
export function useSort(standard: string) {
  const [parameters, setParameters] = useSearchParams()
  const text = parameters.get('sort') ?? standard
  const change = useCallback(
    (by: string, descending: boolean) => {
      const chosen = `${descending ? '-' : ''}${by}`
      setParameters(
        (before) => {
          const after = new URLSearchParams(before)
          if (chosen === standard) after.delete('sort')
          else after.set('sort', chosen)
          return after
        },
        { replace: true },
      )
    },
    [standard, setParameters],
  )
  return { by: text.replace(/^-/, ''), descending: text.startsWith('-'), change }
}
