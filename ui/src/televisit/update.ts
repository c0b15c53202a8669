/** The answer of a command on a televisit is its new view: it goes straight on screen. */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { toFailure } from '../ipc/failure'
import type { Failure } from '../ipc/generated/Failure'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { keyOf } from '../ipc/query'

export function useTelevisitAction() {
  const client = useQueryClient()
  const [failure, setFailure] = useState<Failure | null>(null)
  const [busy, setBusy] = useState(false)
  const run = useCallback(
    async (ask: () => Promise<TelevisitView>, then?: (view: TelevisitView) => void) => {
      setBusy(true)
      setFailure(null)
      try {
        const view = await ask()
        client.setQueryData(keyOf('televisit_open', { televisit_id: view.id }), view)
        void client.invalidateQueries({ queryKey: ['agenda', 'agenda_day'] })
        then?.(view)
      } catch (refusal) {
        setFailure(toFailure(refusal))
      } finally {
        setBusy(false)
      }
    },
    [client],
  )
  return { run, failure, busy }
}
