/** The answer of a command on a case is its new view: it goes straight on screen, board and handovers are read again. */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { TransitionView } from '../ipc/generated/TransitionView'
import { keyOf } from '../ipc/query'

export function useShowTransition() {
  const client = useQueryClient()
  return useCallback(
    (view: TransitionView) => {
      client.setQueryData(keyOf('transition_open', { transition_id: view.card.id }), view)
      void client.invalidateQueries({ queryKey: keyOf('transition_board') })
      void client.invalidateQueries({ queryKey: keyOf('handover_list') })
    },
    [client],
  )
}
