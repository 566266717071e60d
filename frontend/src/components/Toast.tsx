import { toast } from "../state/toast";

export function Toast() {
  return (
    <div class="toast" role="status" data-shown={toast.value !== null}>
      {toast.value}
    </div>
  );
}
