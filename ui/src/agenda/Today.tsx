import { lazy } from 'react'
import { asks, useRole } from '../app/role'
import { useRoute } from '../app/routes'
import { Agenda } from './Agenda'

const TelevisitCall = lazy(() =>
  import('../call/TelevisitCall').then(({ TelevisitCall }) => ({ default: TelevisitCall })),
)
const Batch = lazy(() => import('../batch/Batch').then(({ Batch }) => ({ default: Batch })))
const Report = lazy(() => import('../report/Report').then(({ Report }) => ({ default: Report })))

const Pending = lazy(() => import('../teleconsult/Teleconsults').then(({ Pending }) => ({ default: Pending })))

/** *Oggi*: of who asks for teleconsults, what is pending; of who holds televisits, the agenda, and within it the call and the report of the open televisit. */
export function Today() {
  const { route } = useRoute()
  const role = useRole()
  if (asks(role)) return <Pending />
  // The key empties the screen when the patient changes: nothing of the one before stays.
  if (route.id && route.view === 'call') return <TelevisitCall key={route.id} televisitId={route.id} />
  if (route.view === 'batch') return <Batch />
  if (route.id && route.view === 'report') return <Report key={route.id} televisitId={route.id} />
  return <Agenda />
}
