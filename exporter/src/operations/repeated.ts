import { OperationError, type RunRequest } from './operations.js'
import type { OperationRecord, Run } from './record.js'

/**
 * Whether a run of plan `id` was asked for before, by this token with this Idempotency-Key: it is then answered as it
 * was. @throws OperationError the key was used for another request
 */
export function isRepeated(records: readonly OperationRecord[], id: string, request: RunRequest): boolean {
  const { idempotencyKey, by } = request
  if (idempotencyKey === undefined) return false
  const owner = records.find(({ run }) => run?.idempotencyKey === idempotencyKey && run.by.token === by.token)
  if (!owner) return false
  if (owner.id === id && isSameRequest(owner.run!, request)) return true
  throw new OperationError('conflict', 'this Idempotency-Key was used for another request; use a new one', {
    operation: owner.id,
  })
}

function isSameRequest({ hash, reason, overridden = [] }: Run, request: RunRequest): boolean {
  const override = new Set(request.override)
  return (
    hash === request.hash &&
    reason === request.reason &&
    overridden.length === override.size &&
    overridden.every((check) => override.has(check))
  )
}
