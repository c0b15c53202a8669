/** The answer of a command on a case is its new view: it goes straight on screen, and the list is read again. */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { keyOf } from '../ipc/query'

export function useShowCase() {
  const client = useQueryClient()
  return useCallback(
    (view: TeleconsultView) => {
      client.setQueryData(keyOf('teleconsult_open', { teleconsult_id: view.row.id }), view)
      void client.invalidateQueries({ queryKey: keyOf('teleconsult_list') })
    },
    [client],
  )
}
