import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from './client'
import type { Operation, Plan, Rate } from './contract'
import { ApiError } from './errors'
import { Attempts } from './idempotency'
import { keys } from './keys'

const encoded = encodeURIComponent

/** POST /clusters/{c}/plans: starts to plan; touches nothing. */
export function useCreatePlan(cluster: string) {
  const client = useQueryClient()
  return useMutation<Plan, ApiError, { kind: string; spec: Record<string, unknown> }>({
    mutationFn: (body) => call('POST', `api/v1/clusters/${encoded(cluster)}/plans`, { body }),
    onSuccess: (plan) => client.setQueryData(keys.plan(plan.id), plan),
  })
}

/**
 * POST /plans/{id}/cancel: ends a plan that is being made. By the route of those who may plan: below `api/v1/plans` is
 * that of those who may run.
 */
export function useCancelPlan(id: string) {
  const client = useQueryClient()
  return useMutation<Plan, ApiError>({
    mutationFn: () => call('POST', `planning/plans/${encoded(id)}/cancel`, { body: {} }),
    onSuccess: (plan) => client.setQueryData(keys.plan(id), plan),
    // It may have been made meanwhile.
    onError: () => client.invalidateQueries({ queryKey: keys.plan(id) }),
  })
}

/** POST /clusters/{c}/eviction/sample: begins to look at a sample of the keys; changes nothing. */
export function useSampleKeys(cluster: string) {
  const client = useQueryClient()
  return useMutation<unknown, ApiError>({
    mutationFn: () => call('POST', `api/v1/clusters/${encoded(cluster)}/eviction/sample`, { body: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.ofCluster(cluster, 'eviction') }),
  })
}

export interface Run {
  /** The cluster's name, typed again. */
  readonly confirm: string
  /** Of the plan that was looked at. */
  readonly hash: string
  readonly reason: string
  /** Names of the plan's blockers that are overridden. */
  readonly override?: readonly string[]
}

/**
 * POST /plans/{id}/run. A repetition after an answer that got lost carries the same Idempotency-Key, so nothing runs
 * twice.
 */
export function useRunPlan(id: string) {
  const client = useQueryClient()
  const [attempts] = useState(() => new Attempts())
  return useMutation<Operation, ApiError, Run>({
    mutationFn: async (body) => {
      const headers = { 'Idempotency-Key': attempts.keyFor({ id, ...body }) }
      try {
        const operation = await call<Operation>('POST', `api/v1/plans/${encoded(id)}/run`, { body, headers })
        attempts.answered()
        return operation
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) attempts.answered()
        throw error
      }
    },
    onSuccess: (operation) => {
      client.setQueryData(keys.operation(operation.id), operation)
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.plan(id) })
      void client.invalidateQueries({ queryKey: keys.operations })
      void client.invalidateQueries({ queryKey: keys.clusters })
    },
  })
}

function useOperationCall<V>(id: string, send: (path: string, given: V) => Promise<Operation>) {
  const client = useQueryClient()
  return useMutation<Operation, ApiError, V>({
    mutationFn: (given) => send(`api/v1/operations/${encoded(id)}`, given),
    onSuccess: (operation) => client.setQueryData(keys.operation(id), operation),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.operation(id) })
      void client.invalidateQueries({ queryKey: keys.operations })
    },
  })
}

const command = (verb: 'pause' | 'resume' | 'cancel') => (path: string, given: { reason?: string }) =>
  call<Operation>('POST', `${path}/${verb}`, { body: given })

/** POST /operations/{id}/pause: what is under way on a node ends first. */
export const usePause = (id: string) => useOperationCall(id, command('pause'))
/** POST /operations/{id}/resume */
export const useResume = (id: string) => useOperationCall(id, command('resume'))
/** POST /operations/{id}/cancel: ends it where it is. */
export const useCancel = (id: string) => useOperationCall(id, command('cancel'))

/** PATCH /operations/{id}: what is absent of the rate stays as it was. */
export const useChangeRate = (id: string) =>
  useOperationCall(id, (path, rate: Rate) => call<Operation>('PATCH', path, { body: { rate } }))
