import type { AppRootProps } from '@grafana/data'
import { QueryClientProvider } from '@tanstack/react-query'
import { Navigate, Route, Routes } from 'react-router-dom'
import { queryClient } from '../api/queryClient'
import { Clusters } from '../pages/clusters/Clusters'
import type { AppSettings } from './settings'

/** All pages of the app. */
export function App({ meta }: AppRootProps<AppSettings>) {
  return (
    <QueryClientProvider client={queryClient}>
      <Routes key={meta.id}>
        <Route path="clusters" element={<Clusters />} />
        <Route path="*" element={<Navigate to="clusters" replace />} />
      </Routes>
    </QueryClientProvider>
  )
}
