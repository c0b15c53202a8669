/** What the core answers when it cannot do what was asked. */
import type { ErrorCode } from './generated/ErrorCode'
import type { Failure } from './generated/Failure'

export class ErrorWithFailure extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.code)
    this.name = 'ErrorWithFailure'
    this.failure = failure
  }
}

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value
}

/** Anything thrown, as a failure: what is not one of ours is a fault of the program. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof ErrorWithFailure) return thrown.failure
  if (isFailure(thrown)) return thrown
  return { code: 'internal' satisfies ErrorCode, detail: `window/${thrown instanceof Error ? thrown.name : 'unknown'}` }
}
