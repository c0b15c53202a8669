/** One thing asked of the core at a time: its answer goes on, its refusal is kept to be shown. */
import { useCallback, useRef, useState } from 'react'
import { ErrorWithFailure, toFailure } from './failure'
import type { Failure } from './generated/Failure'

export function useAction() {
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const open = useRef(false)
  const run = useCallback(async <T>(ask: () => Promise<T>, then?: (answer: T) => unknown) => {
    if (open.current) return
    open.current = true
    setBusy(true)
    setFailure(null)
    try {
      const answer = await ask()
      then?.(answer)
    } catch (refusal) {
      if (!(refusal instanceof ErrorWithFailure)) throw refusal
      setFailure(toFailure(refusal))
    } finally {
      open.current = false
      setBusy(false)
    }
  }, [])
  return { run, failure, busy, forget: useCallback(() => setFailure(null), []) }
}
