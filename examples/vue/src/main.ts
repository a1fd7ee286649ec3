import { Socket } from "phoenix";
import { createApp } from "vue";

import App from "./App.vue";
import "../../style.css";

const { VITE_SOCKET_URL = "ws://127.0.0.1:4000/socket", VITE_API_KEY } = import.meta.env;
const socket = new Socket(VITE_SOCKET_URL, { params: { api_key: VITE_API_KEY } });
socket.connect();

/** One conversation for all tabs of this browser. */
const id = localStorage.getItem("conversation") ?? `vue-${Date.now()}`;
localStorage.setItem("conversation", id);

createApp(App, { socket, id }).mount("#root");
