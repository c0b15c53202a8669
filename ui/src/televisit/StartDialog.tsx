import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Picture } from '../call/Picture'
import { useCallState } from '../call/state'
import { Banner, Button, Dialog, Icon, LevelMeter, Select } from '../design'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { DeviceView } from '../ipc/generated/DeviceView'
import type { Failure } from '../ipc/generated/Failure'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useView } from '../ipc/query'
import { useTelevisitAction } from './update'

/** A synthetic source is chosen by the person, or is the only one there is; then it is said. */
const choose = (devices: DeviceView[]) => (devices.find(({ synthetic }) => !synthetic) ?? devices[0])?.id ?? ''

type Props = { visit: TelevisitView; onClose: () => void; onStarted: () => void }

/** The preview before a call: camera, microphone with its level, what is simulated. */
export function StartDialog({ visit, onClose, onStarted }: Props) {
  const { t } = useTranslation(['televisit', 'frame'])
  const devices = useView('call_devices', [])
  const state = useCallState()
  const [camera, setCamera] = useState<string | null>(null)
  const [microphone, setMicrophone] = useState<string | null>(null)
  const [previewFailure, setPreviewFailure] = useState<Failure | null>(null)
  const { run, failure, busy } = useTelevisitAction()
  const cameras = devices.data?.cameras ?? []
  const microphones = devices.data?.microphones ?? []
  const chosenCamera = camera ?? choose(cameras)
  const chosenMicrophone = microphone ?? choose(microphones)
  const known = devices.isSuccess

  useEffect(() => {
    if (!known) return
    let gone = false
    setPreviewFailure(null)
    call('call_preview_start', { camera: chosenCamera || null, microphone: chosenMicrophone || null }).catch(
      (refusal) => {
        if (!gone) setPreviewFailure(toFailure(refusal))
      },
    )
    return () => {
      gone = true
      call('call_preview_stop').catch(() => {})
    }
  }, [known, chosenCamera, chosenMicrophone])

  const synthetic =
    cameras.find(({ id }) => id === chosenCamera)?.synthetic ||
    microphones.find(({ id }) => id === chosenMicrophone)?.synthetic
  // A synthetic device says so in its own name.
  const name = (device: DeviceView) => device.name
  const level = state.view?.level_dbfs ?? null

  const start = () => {
    if (busy) return
    return run(async () => {
      await call('call_preview_stop').catch(() => {})
      return call('televisit_start', {
        televisit_id: visit.id,
        camera: chosenCamera || null,
        microphone: chosenMicrophone || null,
      })
    }, onStarted)
  }

  return (
    <Dialog
      title={t('startDialog.title')}
      onClose={onClose}
      onSubmit={start}
      testId="start-dialog"
      footer={
        <>
          <span className="t-xs mut grow">{t('startDialog.text')}</span>
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" icon="video" type="submit" busy={busy} disabled={!known} testId="confirm-start">
            {t('start')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        {previewFailure ? <FailureBanner failure={previewFailure} /> : null}
        {synthetic ? (
          <Banner boxed tone="warn" title={t('startDialog.syntheticBanner')} testId="synthetic-source">
            {t('startDialog.syntheticText')}
          </Banner>
        ) : null}
        <div className="compare">
          <div className="preview">
            <span className="line t-xs">
              <Icon name="video-off" />
              {t('startDialog.noPreview')}
            </span>
            <Picture kind="own" label={t('startDialog.preview')} />
          </div>
          <div className="stack">
            <Select
              label={t('startDialog.camera')}
              value={chosenCamera}
              onChange={setCamera}
              placeholder={cameras.length === 0 ? t('startDialog.noCamera') : undefined}
              options={cameras.map((device) => ({ value: device.id, label: name(device) }))}
              testId="camera"
            />
            <Select
              label={t('startDialog.microphone')}
              value={chosenMicrophone}
              onChange={setMicrophone}
              placeholder={microphones.length === 0 ? t('startDialog.noMicrophone') : undefined}
              options={microphones.map((device) => ({ value: device.id, label: name(device) }))}
              testId="microphone"
            />
            <div>
              <div className="cap">{t('startDialog.level')}</div>
              <LevelMeter dbfs={level} label={t('startDialog.level')} word={t(`startDialog.${wordOf(level)}`)} />
              <p className="t-xs mut">{t('startDialog.speak')}</p>
            </div>
          </div>
        </div>
      </div>
    </Dialog>
  )
}

function wordOf(dbfs: number | null) {
  if (dbfs === null || dbfs < -55) return 'silent'
  if (dbfs < -38) return 'low'
  return dbfs > -4 ? 'high' : 'good'
}
