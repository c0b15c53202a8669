/**
 * State of the core, as the screens read it: React Query keyed by subject, refreshed by the events of the core.
 * There is no other store; what is left is local to its screen.
 */
import { QueryClient, type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { call } from './call'
import type { AnswerOf, Arguments, Command } from './commands'
import type { ErrorWithFailure } from './failure'
import type { CallView } from './generated/CallView'
import type { Failure } from './generated/Failure'
import type { LinkView } from './generated/LinkView'
import type { SessionView } from './generated/SessionView'
import type { StationView } from './generated/StationView'
import type { Tag } from './generated/Tag'
import { host } from './host'

/** Subjects: the tags of the event `changed`, and the two that have an event of their own. */
export type Subject = Tag | 'session' | 'call'

const SUBJECTS: Partial<Record<Command, Subject>> = {
  session_state: 'session',
  session_settings: 'station',
  station_state: 'station',
  agenda_day: 'agenda',
  televisit_open: 'agenda',
  call_state: 'call',
  call_devices: 'station',
  report_open: 'report',
  report_preview: 'report',
  report_image: 'report',
  report_signing_devices: 'report',
  report_delivery: 'queue',
  batch_list: 'report',
  batch_preview: 'report',
  batch_device: 'report',
  batch_state: 'batch',
  delivery_queue: 'queue',
  patient_search: 'patient',
  patient_open: 'patient',
  document_list: 'document',
  document_recent: 'document',
  document_content: 'document',
  teleconsult_list: 'teleconsult',
  teleconsult_open: 'teleconsult',
  teleconsult_draft_open: 'teleconsult',
  teleconsult_prescriptions: 'teleconsult',
  transition_board: 'transition',
  transition_filter: 'transition',
  transition_open: 'transition',
  handover_list: 'handover',
  shift_state: 'station',
  audit_list: 'audit',
}

export function keyOf<C extends Command>(command: C, ...rest: Arguments<C>): QueryKey {
  return [SUBJECTS[command] ?? 'station', command, ...(rest as unknown[])]
}

/** One view of the core. `enabled: false` waits; `everyMs` asks again by itself, for what no event tells. */
export function useView<C extends Command>(
  command: C,
  args: Arguments<C>,
  options?: { enabled?: boolean; everyMs?: number | false },
) {
  return useQuery<AnswerOf<C>, ErrorWithFailure>({
    queryKey: keyOf(command, ...args),
    queryFn: () => call(command, ...args),
    enabled: options?.enabled ?? true,
    refetchInterval: options?.everyMs ?? false,
  })
}

export function newQueryClient() {
  return new QueryClient({
    defaultOptions: {
      // The core knows whether there is a network, and answers from its archive when there is none.
      queries: {
        networkMode: 'always',
        retry: false,
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
}

export const SESSION_KEY = keyOf('session_state')
export const STATION_KEY = keyOf('station_state')
export const CALL_KEY = keyOf('call_state')

/**
 * Forgets what is known of a subject. A view whose first answer is still on its way is asked again once it has come: React Query lets
 * an invalidation that meets a first fetch fall, and that answer may be from before the change.
 */
export function forget(client: QueryClient, tag: Subject) {
  const queryKey = [tag]
  const first = client
    .getQueryCache()
    .findAll({ queryKey })
    .filter(({ state }) => state.data === undefined && state.fetchStatus === 'fetching')
  void client.invalidateQueries({ queryKey })
  for (const query of first) {
    const again = () => void client.invalidateQueries({ queryKey: query.queryKey, exact: true })
    query.promise?.then(again, again)
  }
}

/** Listens to the core for as long as the window lives. */
export function useCoreEvents(onLoginFailed: (failure: Failure) => void) {
  const client = useQueryClient()
  useEffect(() => {
    let gone = false
    const stops: (() => void)[] = []
    const keep = (stop: () => void) => {
      if (gone) stop()
      else stops.push(stop)
    }
    void host().then(async (core) => {
      keep(
        await core.listen('changed', ({ tags }) => {
          for (const tag of tags) forget(client, tag)
        }),
      )
      keep(await core.listen('call', (view: CallView) => client.setQueryData(CALL_KEY, view)))
      keep(
        await core.listen('link', (link: LinkView) => {
          client.setQueryData<StationView>(STATION_KEY, (station) => (station ? { ...station, link } : station))
        }),
      )
      keep(await core.listen('session', (session: SessionView) => setSession(client, session)))
      keep(await core.listen('login_failed', onLoginFailed))
    })
    return () => {
      gone = true
      for (const stop of stops) stop()
    }
  }, [client, onLoginFailed])
}

/** A session that is not open leaves nothing of a patient in memory. */
export function setSession(client: QueryClient, session: SessionView) {
  if (session.state !== 'open') {
    client.removeQueries({ predicate: ({ queryKey }) => !KEPT.has(String(queryKey[0])) })
    if (session.state !== 'locked') client.removeQueries({ queryKey: ['call'] })
  }
  client.setQueryData(SESSION_KEY, session)
}

const KEPT = new Set<string>(['session', 'station', 'call'])
