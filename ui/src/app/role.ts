import type { Role } from '../ipc/generated/Role'
import { useView } from '../ipc/query'

/** The role of who is logged in; it never changes within a session. */
export function useRole(): Role | undefined {
  const session = useView('session_state', [])
  return session.data?.state === 'open' ? session.data.assignment.role : undefined
}

/** Who asks for teleconsults, as opposed to who answers them. */
export const asks = (role: Role | undefined) => role === 'general_practitioner' || role === 'paediatrician'
