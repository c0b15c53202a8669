import { useEffect } from 'react'
import { type Route, useRoute } from '../app/routes'
import type { Group } from './groups'

/** Opened with nothing chosen, the first case is chosen where there is room for it; a draft is never opened by itself. */
export function useFirst(place: Route['place'], groups: Group[]) {
  const { route, go } = useRoute()
  const first = groups.flatMap(({ rows }) => rows).find(({ state }) => state !== 'draft')?.id
  useEffect(() => {
    if (!route.id && first && window.matchMedia?.('(min-width: 1200px)').matches) go({ place, id: first })
  }, [route.id, first, go, place])
}
