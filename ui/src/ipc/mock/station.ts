/**
 * The mock station: its state, its check before the shift, the preparing of a shift. Who is logged in is in `session.ts`;
 * the link to the region is kept in the world and goes down in `delivery.ts`.
 */
import { isoDay } from '../../i18n/format'
import type { ShiftView } from '../generated/ShiftView'
import type { StationCheckView } from '../generated/StationCheckView'
import { at } from './day'
import { STAFF } from './people'
import { ASSIGNMENT } from './session'
import { type HandlersOf, now, refuse, type World } from './world'

const check = ({ inside }: World): StationCheckView => ({
  at: now(),
  passed: inside.link.online,
  items: [
    {
      item: 'region',
      outcome: inside.link.online ? 'passed' : 'failed',
      value: inside.link.online ? 84 : null,
      device: null,
      synthetic: false,
      detail: inside.link.online ? null : 'region/unreachable',
    },
    { item: 'clock', outcome: 'passed', value: 0.2, device: null, synthetic: false, detail: null },
    { item: 'archive', outcome: 'passed', value: 61, device: null, synthetic: false, detail: null },
    { item: 'camera', outcome: 'passed', value: 15, device: 'Immagine di prova', synthetic: true, detail: null },
    { item: 'microphone', outcome: 'passed', value: -18, device: 'Microfono USB', synthetic: false, detail: null },
    {
      item: 'relay',
      outcome: inside.link.online ? 'passed' : 'failed',
      value: inside.link.online ? 41 : null,
      device: null,
      synthetic: false,
      detail: inside.link.online ? null : 'turn/unreachable',
    },
    {
      item: 'signing_device',
      outcome: 'warning',
      value: 1,
      device: 'Lettore di carte 1',
      synthetic: false,
      detail: null,
    },
  ],
})

export function station(world: World): HandlersOf<'station_' | 'shift_'> {
  const { inside, scene } = world
  let lastCheck: StationCheckView | null = scene === 'first' ? null : check(world)
  let shift: ShiftView = {
    ready: false,
    prepared_at: null,
    until: null,
    items: (world.role === 'cot_operator'
      ? [
          { kind: 'transitions' as const, here: 11, needed: 11, fetched: true },
          { kind: 'patients' as const, here: 11, needed: 11, fetched: true },
        ]
      : [
          { kind: 'televisits' as const, here: 9, needed: 9, fetched: true },
          { kind: 'teleconsults' as const, here: 5, needed: 5, fetched: true },
          { kind: 'patients' as const, here: 12, needed: 12, fetched: true },
          { kind: 'documents' as const, here: 31, needed: 38, fetched: true },
        ]
    ).slice(),
  }

  return {
    station_state: () => ({
      version: '0.1.0',
      training: true,
      region: 'http://127.0.0.1:8734',
      citizen_address: 'http://127.0.0.1:8734/cittadino',
      link: inside.link,
      people:
        scene === 'first'
          ? []
          : [
              { person: STAFF.irene, structure: ASSIGNMENT.structure, last_access: at('19:22', -1), secret: 'pin' },
              { person: STAFF.sandro, structure: ASSIGNMENT.structure, last_access: at('07:41'), secret: 'pin' },
              {
                person: STAFF.livia,
                structure: 'Ospedale del Golfo, Pneumologia',
                last_access: at('16:05', -2),
                secret: 'pin',
              },
            ],
      check: lastCheck,
      needs_region: scene === 'region',
    }),
    station_set_region: ({ address }) => {
      if (!address.startsWith('https://')) refuse('bad_request', 'station/address', { field: 'address' })
      return null
    },
    station_check: () => {
      lastCheck = check(world)
      return lastCheck
    },
    shift_state: () => shift,
    shift_prepare: () => {
      if (!inside.link.online) refuse('region_unreachable', 'shift/offline')
      shift = {
        ready: true,
        prepared_at: now(),
        until: at('20:00', isoDay() === isoDay(new Date(at('20:00'))) && Date.now() < Date.parse(at('20:00')) ? 0 : 1),
        items: shift.items.map((item) => ({ ...item, here: item.needed, fetched: true })),
      }
      return shift
    },
  }
}
