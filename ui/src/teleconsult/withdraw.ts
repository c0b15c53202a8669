/** *Ritira e correggi*: the words go back to where they were typed; a request becomes a draft again, and its form opens. */
import { useQueryClient } from '@tanstack/react-query'
import { useRoute } from '../app/routes'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { forget, keyOf } from '../ipc/query'

export function useWithdraw({ row, stopped }: TeleconsultView) {
  const client = useQueryClient()
  const { route, go } = useRoute()
  const { run, failure, busy } = useAction()
  const request = stopped !== null && stopped.message === null
  const withdraw = () =>
    run(
      () => call('teleconsult_withdraw', { teleconsult_id: row.id }),
      () => {
        if (request) client.removeQueries({ queryKey: keyOf('teleconsult_open', { teleconsult_id: row.id }) })
        forget(client, 'teleconsult')
        if (request) go({ place: route.place, id: row.patient.id, view: 'new' })
      },
    )
  return { withdraw, failure, busy }
}
