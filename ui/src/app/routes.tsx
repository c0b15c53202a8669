/** Where the window is. A place of the rail, and within it what is open. Nothing here survives a change of person. */
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'

export type Place = 'today' | 'cases' | 'handovers' | 'teleconsults' | 'patients' | 'documents' | 'queue' | 'settings'

export type Route = {
  place: Place
  /** The televisit, teleconsult, case, patient, document or queue row that is open. */
  id?: string
  /** Within *Oggi*: the call or the report of the open televisit, or the reports to sign. Within *Teleconsulti* and *Casi*: a new one, for the patient whose id it is. */
  view?: 'call' | 'report' | 'new' | 'batch'
}

type Router = { route: Route; go: (route: Route) => void }

const RouteContext = createContext<Router>({ route: { place: 'today' }, go: () => {} })

export function RouteProvider({ children, start }: { children: ReactNode; start: Route }) {
  const [route, go] = useState<Route>(start)
  const router = useMemo(() => ({ route, go }), [route])
  return <RouteContext value={router}>{children}</RouteContext>
}

export const useRoute = () => useContext(RouteContext)
