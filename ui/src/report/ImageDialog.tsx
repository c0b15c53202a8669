import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog } from '../design'
import { useView } from '../ipc/query'

/** The picture acquired with consent. */
export function ImageDialog({ televisitId, onClose }: { televisitId: string; onClose: () => void }) {
  const { t } = useTranslation(['report', 'frame'])
  const image = useView('report_image', [{ televisit_id: televisitId }])
  const address = useMemo(
    () => (image.data ? URL.createObjectURL(new Blob([image.data], { type: 'image/png' })) : null),
    [image.data],
  )
  useEffect(() => () => void (address && URL.revokeObjectURL(address)), [address])
  return (
    <Dialog
      title={t('images')}
      onClose={onClose}
      testId="image-dialog"
      footer={
        <>
          <span className="grow" />
          <Button kind="primary" onPress={onClose} autoFocus>
            {t('frame:close')}
          </Button>
        </>
      }
    >
      {image.error ? <FailureBanner failure={image.error.failure} /> : null}
      {address ? <img className="report-image" src={address} alt={t('imageAlt')} /> : null}
    </Dialog>
  )
}
