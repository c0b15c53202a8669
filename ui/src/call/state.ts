/** The call as every place sees it. */
import { useEffect, useState } from 'react'
import type { CallView } from '../ipc/generated/CallView'
import { useView } from '../ipc/query'

export function useCallState() {
  const query = useView('call_state', [])
  const view: CallView | null = query.data ?? null
  const live = view !== null && view.televisit_id !== null && view.phase.phase !== 'ended'
  return { view, live }
}

/** Seconds since an instant, counted on screen. */
export function useSeconds(since: string | null) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!since) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [since])
  return since ? Math.max(0, Math.floor((now - Date.parse(since)) / 1000)) : 0
}
