import { QueryClient } from '@tanstack/react-query'

/** One cache a page load. Failures show at once: whoever is on call must not wait for silent retries. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: true, staleTime: 1000 } },
})
