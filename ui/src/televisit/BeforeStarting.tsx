import { useTranslation } from 'react-i18next'
import { Button, Card, CheckLine, Icon } from '../design'
import { clock, personName, weekday } from '../i18n/format'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useView } from '../ipc/query'
import type { DialogName } from './TelevisitDetail'

/** What the core wants before a call; the core decides again when the call is asked for. */
export const isReady = (visit: TelevisitView) =>
  visit.identity !== null && visit.consent !== null && visit.stage === 'waiting'

const Mark = ({ state }: { state: 'done' | 'todo' | 'warn' | 'bad' }) => (
  <span className={{ done: 'c-ok', todo: 'c-info', warn: 'c-warn', bad: 'c-danger' }[state]}>
    <Icon
      name={({ done: 'check-circle', todo: 'minus-circle', warn: 'warning-circle', bad: 'error' } as const)[state]}
    />
  </span>
)

/** The four checks: station, the patient's own test with its age, identity, consent. */
export function BeforeStarting({ visit, onOpen }: { visit: TelevisitView; onOpen: (dialog: DialogName) => void }) {
  const { t } = useTranslation(['televisit', 'patient', 'station'])
  const station = useView('station_state', [])
  const check = station.data?.check ?? null
  const test = visit.eligibility
  const done = [check?.passed, test?.passed, visit.identity, visit.consent].filter(Boolean).length
  return (
    <Card title={t('before')} end={t('doneOf', { done })} testId="before-starting">
      <CheckLine
        testId="check-station"
        state={check?.passed ? 'done' : 'todo'}
        mark={<Mark state={check ? (check.passed ? 'done' : 'bad') : 'todo'} />}
        title={t(check ? (check.passed ? 'stationOk' : 'stationBad') : 'stationToCheck')}
        action={
          <Button small kind={check ? 'quiet' : 'second'} testId="open-station-check" onPress={() => onOpen('station')}>
            {t(check ? 'station:redo' : 'station:check')}
          </Button>
        }
      >
        {check ? t('stationOkText', { at: clock(check.at) }) : t('stationToCheckText')}
      </CheckLine>
      <CheckLine
        testId="check-test"
        state={test?.passed ? 'done' : 'todo'}
        mark={<Mark state={test ? (test.passed ? 'done' : 'warn') : 'warn'} />}
        title={t(test ? (test.passed ? 'test' : 'testFailed') : 'testMissing')}
        action={
          test ? (
            <Button small kind="quiet" testId="open-test" onPress={() => onOpen('test')}>
              {t('testDialog.outcome')}
            </Button>
          ) : undefined
        }
      >
        {test
          ? t(test.device ? 'testTextDevice' : 'testText', {
              on: weekday(test.at),
              age: test.age_days === 0 ? t('today') : t('daysAgo', { count: test.age_days }),
              device: test.device ?? '',
            })
          : t('testMissingText')}
      </CheckLine>
      <CheckLine
        testId="check-identity"
        state={visit.identity ? 'done' : 'todo'}
        current={!visit.identity}
        mark={<Mark state={visit.identity ? 'done' : 'todo'} />}
        title={t(visit.identity ? 'identityDone' : 'identity')}
        action={
          visit.identity ? undefined : (
            <Button small kind="primary" testId="verify-identity" onPress={() => onOpen('identity')}>
              {t('identityVerb')}
            </Button>
          )
        }
      >
        {visit.identity
          ? t('identityDoneText', { method: t(`methods.${visit.identity.method}`), at: clock(visit.identity.at) })
          : t('identityText')}
      </CheckLine>
      <CheckLine
        testId="check-consent"
        state={visit.consent ? 'done' : 'todo'}
        current={visit.identity !== null && !visit.consent}
        mark={<Mark state={visit.consent ? 'done' : 'todo'} />}
        title={t(visit.consent ? 'consentDone' : 'consent')}
        action={
          visit.consent ? undefined : (
            <Button
              small
              kind="primary"
              disabled={!visit.identity}
              testId="record-consent"
              onPress={() => onOpen('consent')}
            >
              {t('consentVerb')}
            </Button>
          )
        }
      >
        {visit.consent ? (
          <>
            {t(visit.consent.to_image ? 'consentDoneImage' : 'consentDoneText', { at: clock(visit.consent.at) })}
            {visit.consent.representative
              ? `, ${t('consentBy', {
                  name: personName(visit.consent.representative),
                  title: t(`patient:${visit.consent.representative.title}`),
                })}`
              : ''}
          </>
        ) : (
          t(visit.patient.represented ? 'consentTextRepresented' : 'consentText')
        )}
      </CheckLine>
    </Card>
  )
}
