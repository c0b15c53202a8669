import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon, type IconName, Kbd } from '../design'
import { age, clock, isoDay, personName } from '../i18n/format'
import type { AgendaRowView } from '../ipc/generated/AgendaRowView'
import type { PatientView } from '../ipc/generated/PatientView'
import type { Role } from '../ipc/generated/Role'
import { useView } from '../ipc/query'
import { placesOf } from './places'
import { asks } from './role'
import { type Route, useRoute } from './routes'
import './palette.css'

type Entry = { id: string; icon: IconName; label: React.ReactNode; end?: string; key?: string; go: Route }
type Group = { name: string; entries: Entry[] }

/** Ctrl+K: patients of this PC, actions on the chosen one, places. */
export function Palette({ role, onClose }: { role: Role; onClose: () => void }) {
  const { t } = useTranslation(['frame', 'batch'])
  const { go } = useRoute()
  const element = useRef<HTMLDialogElement>(null)
  const list = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const asked = useDeferredValue(text.trim())
  const found = useView('patient_search', [{ text: asked, limit: 6 }], { enabled: asked.length >= 2 })
  const today = useView('agenda_day', [{ day: isoDay(), search: '' }], { enabled: role === 'specialist' })

  useEffect(() => {
    const dialog = element.current
    const before = document.activeElement
    if (dialog && !dialog.open) dialog.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])

  const patients = asked.length >= 2 ? (found.data?.patients ?? []) : []
  const rows = today.data ? [...today.data.rows, ...today.data.overdue] : []
  const visitOf = (patient: PatientView) => rows.find((row) => row.patient.id === patient.id)
  const first = patients[0]
  const visit = first ? visitOf(first) : undefined

  const groups: Group[] = []
  if (patients.length > 0)
    groups.push({
      name: t('palette.patients'),
      entries: patients.map((patient) => ({
        id: `patient-${patient.id}`,
        icon: 'user',
        label: (
          <>
            <Marked text={personName(patient)} mark={asked} />{' '}
            <span className="mut">
              {patient.sex === 'female' ? 'F, ' : patient.sex === 'male' ? 'M, ' : ''}
              {age(patient)}, <span className="mono">{patient.fiscal_code}</span>
            </span>
          </>
        ),
        end: describeVisit(visitOf(patient), t),
        go: visitOf(patient)
          ? { place: 'today', id: visitOf(patient)?.televisit_id }
          : { place: 'patients', id: patient.id },
      })),
    })
  if (first)
    groups.push({
      name: t('palette.actions', { name: personName(first) }),
      entries: [
        ...(visit
          ? [
              {
                id: 'visit',
                icon: 'video' as const,
                label: t('palette.openVisit'),
                go: { place: 'today' as const, id: visit.televisit_id },
              },
              ...(visit.stage === 'to_report' || visit.stage === 'in_call'
                ? [
                    {
                      id: 'report',
                      icon: 'file' as const,
                      label: t('palette.openReport'),
                      key: 'Alt R',
                      go: { place: 'today' as const, id: visit.televisit_id, view: 'report' as const },
                    },
                  ]
                : []),
            ]
          : []),
        { id: 'record', icon: 'user', label: t('palette.openPatient'), go: { place: 'patients', id: first.id } },
        ...(asks(role)
          ? [
              {
                id: 'new-teleconsult',
                icon: 'comment' as const,
                label: t('palette.newTeleconsult'),
                key: 'Alt N',
                go: { place: 'teleconsults' as const, id: first.id, view: 'new' as const },
              },
            ]
          : role === 'cot_operator'
            ? [
                {
                  id: 'new-referral',
                  icon: 'list' as const,
                  label: t('palette.newReferral'),
                  key: 'Alt N',
                  go: { place: 'cases' as const, id: first.id, view: 'new' as const },
                },
              ]
            : []),
      ],
    })
  if (role === 'specialist' && matches(t('batch:open'), asked))
    groups.push({
      name: t('palette.work'),
      entries: [
        {
          id: 'batch',
          icon: 'file-signed',
          label: <Marked text={t('batch:open')} mark={asked} />,
          key: t('batch:key'),
          go: { place: 'today', view: 'batch' },
        },
      ],
    })
  const places = placesOf(role)
    .map(({ place, icon }, index) => ({ place, icon, name: t(place), key: `Ctrl ${index + 1}` }))
    .filter(({ name }) => matches(name, asked))
  if (places.length > 0)
    groups.push({
      name: t('palette.goTo'),
      entries: places.map(({ place, icon, name, key }) => ({
        id: `place-${place}`,
        icon,
        label: <Marked text={name} mark={asked} />,
        key,
        go: { place },
      })),
    })

  const entries = groups.flatMap((group) => group.entries)
  const current = entries[Math.min(at, entries.length - 1)]
  const open = (entry: Entry | undefined) => {
    if (!entry) return
    onClose()
    go(entry.go)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const step = event.key === 'ArrowDown' ? 1 : -1
      setAt((Math.min(at, entries.length - 1) + step + entries.length) % Math.max(1, entries.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      open(current)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      onClose()
    }
  }

  return (
    <dialog
      ref={element}
      className="palette"
      aria-label={t('palette.title')}
      data-testid="palette"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <div className="palette-head">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={current ? `${list}-${current.id}` : undefined}
          aria-label={t('palette.title')}
          placeholder={t('palette.placeholder')}
          value={text}
          spellCheck={false}
          data-testid="palette-input"
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
        <span className="mut nw t-xs" role="status">
          {asked.length >= 2
            ? patients.length > 0
              ? t('palette.counts', { patients: found.data?.total ?? 0, actions: entries.length - patients.length })
              : found.isSuccess
                ? t('palette.none')
                : ''
            : ''}
        </span>
        <Kbd>{t('palette.esc')}</Kbd>
      </div>
      <div className="palette-list" role="listbox" id={list} aria-label={t('palette.title')}>
        {groups.map((group) => (
          <div key={group.name} role="group" aria-label={group.name}>
            <div className="cap palette-group" aria-hidden="true">
              {group.name}
            </div>
            {group.entries.map((entry) => (
              // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, as a combobox wants
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
              <div
                key={entry.id}
                id={`${list}-${entry.id}`}
                role="option"
                aria-selected={entry === current}
                className="palette-entry"
                data-testid={`palette-${entry.id}`}
                onClick={() => open(entry)}
              >
                <Icon name={entry.icon} />
                <span className="grow cut">{entry.label}</span>
                {entry.end ? <span className="mut nw">{entry.end}</span> : null}
                {entry === current ? <Kbd>{t('palette.enter')}</Kbd> : entry.key ? <Kbd>{entry.key}</Kbd> : null}
              </div>
            ))}
          </div>
        ))}
      </div>
      <div className="palette-foot t-xs mut">
        <span className="line tight">
          <Kbd>↑</Kbd>
          <Kbd>↓</Kbd> {t('palette.choose')}
        </span>
        <span className="line tight">
          <Kbd>{t('palette.enter')}</Kbd> {t('palette.open')}
        </span>
        <span className="grow" />
        <span>{t('palette.hint')}</span>
      </div>
    </dialog>
  )
}

const matches = (name: string, asked: string) => name.toLocaleLowerCase('it').includes(asked.toLocaleLowerCase('it'))

function Marked({ text, mark }: { text: string; mark: string }) {
  const start = mark === '' ? -1 : text.toLocaleLowerCase('it').indexOf(mark.toLocaleLowerCase('it'))
  if (start < 0) return <b>{text}</b>
  return (
    <b>
      {text.slice(0, start)}
      <mark>{text.slice(start, start + mark.length)}</mark>
      {text.slice(start + mark.length)}
    </b>
  )
}

function describeVisit(row: AgendaRowView | undefined, t: ReturnType<typeof useTranslation<'frame'>>['t']) {
  if (!row) return undefined
  return row.stage === 'waiting' ? t('palette.inWaiting') : t('palette.todayAt', { at: clock(row.start) })
}
